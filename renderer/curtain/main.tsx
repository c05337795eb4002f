import { mountPage } from '../shared/mount.tsx';
import { CurtainPage } from './curtain.tsx';
import { displayRoleOf } from './display-role.ts';

mountPage((bridge) => <CurtainPage bridge={bridge} role={displayRoleOf(window.location.search)} />);
