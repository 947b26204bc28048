// What the shell mounts: the door's two forms, and the panel.
import './account.css';

export { AccountPanel } from './panel';
export { Join } from './join';
export { SignIn } from './sign_in';
