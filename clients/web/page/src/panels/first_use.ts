// The commands that an empty room offers, as they are typed in the folder of Vigie's sources after a build. What the
// page does not know stands in capitals.

/** The page is not told where the hub is: whoever started vigie-web is. */
const HUB = '--hub HOST:PORT';
const VIGIE = 'build/bin/vigie';
const PATROL = 'deploy/scenarios/patrol.toml --speed 60';

/** A room of its own, with a hub of its own: on ports that a room with the usual ones leaves free. */
export const QUICKSTART = './deploy/quickstart.sh --port 7800';

/** The demonstration patrol into a hub that asks nobody. */
export const PLAIN_PATROL = `${VIGIE} simulate ${PATROL} ${HUB} --plain`;

/** The same into a hub that asks: who speaks for the units of an owner gets a key by a code, each owner's its own. */
export const GUARDED_INVITE =
  `${VIGIE} invite alpha/patrol --role gateway --unit 'alpha/*' ${HUB} --identity DATA/keys/administrator.toml`;
export const GUARDED_JOIN = `${VIGIE} join CODE --identity alpha.toml`;
export const GUARDED_PATROL = `${VIGIE} simulate ${PATROL} ${HUB} --identity alpha.toml --identity bravo.toml`;
