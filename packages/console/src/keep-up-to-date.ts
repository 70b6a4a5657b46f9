/**
 * What the page does in the browser: it waits for its own next state and takes over what is new in it. Its source is
 * inlined, so it refers to nothing outside itself.
 */
export function keepUpToDate(): void {
  const WAIT = 25_000;
  const RETRY = 2_000;
  const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
  const find = (selector: string, place: ParentNode = document) =>
    place.querySelector(selector) as HTMLElement;
  const say = (text: string, state: string) => {
    const status = find('#state');
    status.dataset['state'] = state;
    if (status.textContent !== text) status.textContent = text;
  };

  /** Shows times as the reader's clock does, and what needs JavaScript. */
  function enliven(place: Element): void {
    for (const time of place.querySelectorAll('time')) {
      const at = new Date(time.dateTime);
      const today = at.toDateString() === new Date().toDateString();
      time.textContent = today ? at.toLocaleTimeString() : at.toLocaleString();
    }
    for (const button of place.querySelectorAll('button')) button.hidden = false;
  }

  /** Changes only the entries that changed, so that focus, selection and scroll position stay where they are. */
  function takeOver(fresh: Document): void {
    const list = find('#messages');
    for (const entry of [...list.children] as HTMLElement[]) {
      const kept = fresh.getElementById(entry.id);
      if (kept?.dataset['version'] !== entry.dataset['version']) entry.remove();
    }
    let next = list.firstElementChild;
    let newest: HTMLElement | undefined;
    for (const entry of [...find('#messages', fresh).children] as HTMLElement[]) {
      if (next?.id === entry.id) {
        next = next.nextElementSibling;
      } else {
        newest ??= entry;
        enliven(entry);
        entry.classList.add('fresh');
        list.insertBefore(entry, next);
      }
    }
    const pane = find('#message');
    const freshPane = find('#message', fresh);
    if (pane.dataset['version'] !== freshPane.dataset['version']) {
      enliven(freshPane);
      pane.replaceWith(freshPane);
    }
    find('#count').textContent = find('#count', fresh).textContent;
    document.title = fresh.title;
    document.body.dataset['version'] = fresh.body.dataset['version'];
    if (newest !== undefined) say(`New: ${newest.dataset['to']}`, 'live');
  }

  async function nextState(): Promise<void> {
    const url = new URL(location.href);
    url.searchParams.set('waitMs', String(WAIT));
    const answer = await fetch(url, {
      headers: { 'if-none-match': `"${document.body.dataset['version']}"` },
    });
    if (answer.status === 304) return;
    if (!answer.ok) throw new Error(`${answer.status}`);
    takeOver(new DOMParser().parseFromString(await answer.text(), 'text/html'));
  }

  /** A hidden page asks for nothing: browsers allow six connections to a server, and the app needs them. */
  const visible = () =>
    document.hidden
      ? new Promise((resolve) => document.addEventListener('visibilitychange', resolve, { once: true }))
      : undefined;

  async function follow(): Promise<void> {
    say('Live', 'live');
    for (;;) {
      await visible();
      try {
        await nextState();
        if (find('#state').dataset['state'] === 'lost') say('Live', 'live');
      } catch {
        say('Server not reachable. Trying again…', 'lost');
        await pause(RETRY);
      }
    }
  }

  document.addEventListener('click', async ({ target }) => {
    const button = target instanceof Element ? target.closest('button') : null;
    if (button === null) return;
    const text = button.dataset['copy'];
    if (text !== undefined) {
      await navigator.clipboard.writeText(text);
      const label = button.textContent;
      button.textContent = 'Copied';
      await pause(1500);
      button.textContent = label;
    } else if (button.id === 'clear' && confirm('Delete all messages of this server?')) {
      await fetch('/_poolkeeper/messages', { method: 'DELETE' });
    }
  });

  enliven(document.body);
  void follow();
}
