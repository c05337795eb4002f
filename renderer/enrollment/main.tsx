import { mountPage } from '../shared/mount.tsx';
import { EnrollmentPage } from './enrollment-page.tsx';

mountPage((bridge) => <EnrollmentPage bridge={bridge} />);
