// Where a part of the page failed, it says so and offers to begin anew; the rest of the page goes on.
import { Component, type ComponentChildren } from 'preact';
import { roomWords } from '../text/room';
import { Button } from './button';

interface State {
  error: string | null;
}

export class Guard extends Component<{ children: ComponentChildren; whole?: boolean }, State> {
  override state: State = { error: null };

  static override getDerivedStateFromError(error: unknown): State {
    return { error: error instanceof Error ? `${error.message}\n${error.stack ?? ''}` : String(error) };
  }

  override componentDidCatch(error: unknown): void {
    console.error(error);
  }

  override render() {
    if (this.state.error === null) return this.props.children;
    const t = roomWords.value.trouble;
    return (
      <div class="trouble" role="alert">
        <h2>{this.props.whole ? t.whole : t.title}</h2>
        <p>{t.text}</p>
        <div class="actions">
          <Button primary onClick={() => this.setState({ error: null })}>
            {t.again}
          </Button>
          {this.props.whole && <Button onClick={() => window.location.reload()}>{t.reload}</Button>}
        </div>
        <details>
          <summary>{t.details}</summary>
          <pre>{this.state.error}</pre>
        </details>
      </div>
    );
  }
}
