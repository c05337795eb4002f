import { mountPage } from '../shared/mount.tsx';
import { StatusPage } from './status.tsx';

mountPage((bridge) => <StatusPage bridge={bridge} />);
