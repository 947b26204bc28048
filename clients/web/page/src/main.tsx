// The page's beginning: who is signed in decides what is shown; a one-time link (/join#TOKEN) makes an account.
import './styles/fonts.css';
import './styles/tokens.css';
import './styles/base.css';
import './styles/controls.css';
import './styles/room.css';
import './styles/panels.css';
import { effect, signal } from '@preact/signals';
import { render } from 'preact';
import { Join, SignIn } from './account';
import { followView } from './feed/follow_view';
import { Api, ApiError, type Session } from './model/api';
import { createRoom, type OpenRoom } from './model/room';
import { watchUnread } from './panels/events/unread';
import { roomWords } from './text/room';
import { RoomView } from './ui/room_view';
import { Brand, LanguageMenu, ThemeMenu } from './ui/top_bar';
import { Toasts } from './ui/toast';
import { Guard } from './ui/trouble';

type Stage =
  | { is: 'asking'; problem: string }
  | { is: 'signed_out'; anew: boolean } // anew: somebody was in, whose page must leave nothing behind
  | { is: 'joining'; token: string }
  | { is: 'room'; room: OpenRoom };

const AGAIN_MS = 3000;
const stage = signal<Stage>({ is: 'asking', problem: '' });

function enter(session: Session): void {
  const room = createRoom(session);
  watchUnread(room);
  const leaveView = followView(room);
  stage.value = { is: 'room', room };
  const stop = effect(() => {
    if (room.link.value.state !== 'signed_out') return;
    leaveView();
    room.close();
    stage.value = { is: 'signed_out', anew: true };
    queueMicrotask(() => stop());
  });
}

/** Asks who is signed in, again and again while the server does not answer. */
async function ask(): Promise<void> {
  try {
    enter(await new Api().session());
  } catch (error) {
    if (error instanceof ApiError && (error.status === 401 || error.status === 403)) {
      stage.value = { is: 'signed_out', anew: false };
      return;
    }
    stage.value = { is: 'asking', problem: error instanceof Error ? error.message : String(error) };
    window.setTimeout(() => void ask(), AGAIN_MS);
  }
}

function Door({ children }: { children: preact.ComponentChildren }) {
  return (
    <div class="door">
      <header class="door-head">
        <Brand />
        <span class="spacer" />
        <ThemeMenu />
        <LanguageMenu />
      </header>
      <main>{children}</main>
      <Toasts />
    </div>
  );
}

function Asking({ problem }: { problem: string }) {
  const t = roomWords.value;
  return (
    <Door>
      {problem === '' ? (
        <p class="quiet" role="status">
          {t.loading}
        </p>
      ) : (
        <div role="alert">
          <h1>{t.trouble.session}</h1>
          <p>{t.trouble.sessionText(problem)}</p>
        </div>
      )}
    </Door>
  );
}

function Page() {
  const now = stage.value;
  switch (now.is) {
    case 'asking':
      return <Asking problem={now.problem} />;
    case 'signed_out':
      return (
        <Door>
          <SignIn onDone={() => (now.anew ? window.location.reload() : void ask())} />
        </Door>
      );
    case 'joining':
      return (
        <Door>
          <Join token={now.token} onDone={() => void ask()} />
        </Door>
      );
    case 'room':
      return <RoomView room={now.room} />;
  }
}

/** The token stands behind the #, so that it is in no server's log; it is taken out of the address at once. */
function start(): void {
  const token = window.location.hash.slice(1);
  if (window.location.pathname === '/join' && token !== '') {
    window.history.replaceState(null, '', '/');
    stage.value = { is: 'joining', token };
  } else {
    void ask();
  }
  const place = document.getElementById('page');
  if (place)
    render(
      <Guard whole>
        <Page />
      </Guard>,
      place,
    );
}

start();
