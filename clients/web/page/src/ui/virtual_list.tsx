// A list that draws only the rows in sight, so that 10,000 cost what 40 do. Rows are of one height. It is a listbox:
// one stop of the Tab key, arrows, Home, End and Page keys move, Enter acts. The row that the keys stand on is drawn
// even when it is scrolled away, so that screen readers keep their place.
import type { ComponentChildren, Ref } from 'preact';
import { useEffect, useId, useImperativeHandle, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { remPixels } from './rem';

export interface VirtualListHandle {
  focus(): void;
  scrollTo(index: number): void;
}

interface VirtualListProps<T> {
  items: readonly T[];
  keyOf: (item: T) => string;
  /** Height of a row in rem. */
  rowRem: number;
  label: string;
  row: (item: T, at: { active: boolean; selected: boolean }) => ComponentChildren;
  rowClass?: (item: T) => string;
  selected: string | null; // a key
  onSelect: (item: T) => void; // a click, or Enter on a row that is not selected
  onActivate?: (item: T) => void; // a double click, or Enter on the selected row
  onKey?: (item: T, event: KeyboardEvent) => void; // other keys
  empty: ComponentChildren;
  after?: ComponentChildren; // stands under the last row and scrolls with it
  onScrolledToTop?: (top: boolean) => void;
  handle?: Ref<VirtualListHandle>;
}

const SPARE = 6; // rows drawn above and below what is seen

interface Sight {
  top: number;
  height: number;
}

/** How far the list is scrolled and how high it is: changes draw it anew only when other rows come into sight. */
function useSight(rowHeight: number) {
  const box = useRef<HTMLDivElement>(null); // what scrolls
  const [sight, setSight] = useState<Sight>({ top: 0, height: 600 });
  const measure = (): void => {
    const element = box.current;
    if (!element) return;
    const top = Math.floor(element.scrollTop / rowHeight) * rowHeight;
    const height = element.clientHeight;
    setSight((was) => (was.top === top && was.height === height ? was : { top, height }));
  };
  useLayoutEffect(() => {
    measure();
    const watch = new ResizeObserver(measure);
    if (box.current) watch.observe(box.current);
    return () => watch.disconnect();
  }, [rowHeight]);
  return { box, sight, measure };
}

/** The rows to draw: those in sight with some to spare, and the one that the keys stand on. */
export function rowsInSight(count: number, rowHeight: number, sight: Sight, active: number): number[] {
  const first = Math.max(0, Math.floor(sight.top / rowHeight) - SPARE);
  const last = Math.min(count - 1, Math.ceil((sight.top + sight.height) / rowHeight) + SPARE);
  const rows = [];
  if (active >= 0 && active < first && active < count) rows.push(active);
  for (let i = first; i <= last; i++) rows.push(i);
  if (active > last && active < count) rows.push(active);
  return rows;
}

function moved(key: string, from: number, count: number, page: number): number | null {
  switch (key) {
    case 'ArrowDown':
      return Math.min(count - 1, from + 1);
    case 'ArrowUp':
      return Math.max(0, from - 1);
    case 'PageDown':
      return Math.min(count - 1, from + page);
    case 'PageUp':
      return Math.max(0, from - page);
    case 'Home':
      return 0;
    case 'End':
      return count - 1;
    default:
      return null;
  }
}

/** Without rows there may be nothing in it that takes the keys, and what stands there may have to be scrolled. */
function bare(label: string) {
  return { role: 'group', tabIndex: 0, 'aria-label': label } as const;
}

export function VirtualList<T>(props: VirtualListProps<T>) {
  const { items, keyOf } = props;
  const rowHeight = Math.round(props.rowRem * remPixels());
  const { box, sight, measure } = useSight(rowHeight);
  const [activeKey, setActiveKey] = useState<string | null>(null);
  const id = useId();
  const wanted = activeKey ?? props.selected;
  const found = wanted === null ? -1 : items.findIndex((item) => keyOf(item) === wanted);

  const rows = useRef<HTMLDivElement>(null); // what has the focus

  const scrollTo = (index: number): void => {
    const element = box.current;
    if (!element || index < 0) return;
    const top = index * rowHeight;
    if (top < element.scrollTop) element.scrollTop = top;
    else if (top + rowHeight > element.scrollTop + element.clientHeight) {
      element.scrollTop = top + rowHeight - element.clientHeight;
    }
  };
  useImperativeHandle(props.handle ?? null, () => ({ focus: () => rows.current?.focus(), scrollTo }));
  // What was chosen elsewhere (on the map) comes into sight, and the keys go on from there.
  useEffect(() => {
    setActiveKey(null);
    scrollTo(props.selected === null ? -1 : items.findIndex((item) => keyOf(item) === props.selected));
  }, [props.selected]);

  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.target !== event.currentTarget || event.ctrlKey || event.metaKey || event.altKey) return;
    const page = Math.max(1, Math.floor((box.current?.clientHeight ?? rowHeight) / rowHeight) - 1);
    const to = moved(event.key, found, items.length, page);
    if (to !== null && items.length > 0) {
      event.preventDefault();
      const item = items[to];
      if (item) setActiveKey(keyOf(item));
      scrollTo(to);
      return;
    }
    const item = items[found];
    if (!item) return;
    if (event.key === 'Enter') {
      event.preventDefault();
      if (keyOf(item) === props.selected) props.onActivate?.(item);
      else props.onSelect(item);
    } else {
      props.onKey?.(item, event);
    }
  };
  const onScroll = (): void => {
    measure();
    props.onScrolledToTop?.((box.current?.scrollTop ?? 0) < rowHeight);
  };
  const rowId = (index: number): string => `${id}-${index}`;
  const option = (index: number): ComponentChildren => {
    const item = items[index];
    if (!item) return null;
    const key = keyOf(item);
    const selected = key === props.selected;
    const active = index === found;
    return (
      <div
        key={key}
        id={rowId(index)}
        role="option"
        aria-selected={selected}
        aria-setsize={items.length}
        aria-posinset={index + 1}
        class={`row ${active ? 'active' : ''} ${props.rowClass?.(item) ?? ''}`}
        style={{ transform: `translateY(${index * rowHeight}px)`, height: `${rowHeight}px` }}
        onClick={() => props.onSelect(item)}
        onDblClick={() => props.onActivate?.(item)}
      >
        {props.row(item, { active, selected })}
      </div>
    );
  };
  return (
    <div class="virtual-list" ref={box} onScroll={onScroll} {...(items.length === 0 && bare(props.label))}>
      {items.length === 0 ? (
        props.empty
      ) : (
        <div
          class="rows"
          role="listbox"
          tabIndex={0}
          aria-label={props.label}
          ref={rows}
          onKeyDown={onKeyDown}
          aria-activedescendant={found >= 0 ? rowId(found) : undefined}
          style={{ height: `${items.length * rowHeight}px` }}
        >
          {rowsInSight(items.length, rowHeight, sight, found).map(option)}
        </div>
      )}
      {props.after}
    </div>
  );
}
