/*
 * Tabs after the pattern of WAI-ARIA: one tab stop, arrows, Home and End move and select. Panels that are not
 * shown stay as they are, so that a chat goes on and what was typed is kept.
 */
import type { ComponentChildren } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';

export interface Section {
  readonly id: string;
  readonly title: string;
  readonly content: ComponentChildren;
}

interface TabsProps {
  readonly label: string;
  readonly sections: readonly Section[];
  /** Whether the address of the page says which one is shown. */
  readonly isLinked?: boolean;
}

export function Tabs({ label, sections, isLinked = false }: TabsProps) {
  const fromAddress = (): number =>
    isLinked
      ? Math.max(
          0,
          sections.findIndex(({ id }) => `#${id}` === location.hash),
        )
      : 0;
  const [selected, setSelected] = useState(fromAddress);
  const list = useRef<HTMLDivElement>(null);

  useEffect(() => {
    if (!isLinked) return;
    const follow = (): void => setSelected(fromAddress());
    addEventListener('hashchange', follow);
    return () => removeEventListener('hashchange', follow);
  }, []);

  const select = (index: number): void => {
    setSelected(index);
    const id = sections[index]?.id ?? '';
    if (isLinked) history.replaceState(null, '', `#${id}`);
    list.current?.querySelectorAll<HTMLElement>('[role=tab]').item(index).focus();
  };

  const onKeyDown = (event: KeyboardEvent): void => {
    const last = sections.length - 1;
    const targets: Readonly<Record<string, number | undefined>> = {
      ArrowRight: selected === last ? 0 : selected + 1,
      ArrowLeft: selected === 0 ? last : selected - 1,
      Home: 0,
      End: last,
    };
    const target = targets[event.key];
    if (target === undefined) return;
    event.preventDefault();
    select(target);
  };

  return (
    <>
      <div class="tabs" role="tablist" aria-label={label} ref={list} onKeyDown={onKeyDown}>
        {sections.map(({ id, title }, index) => (
          <button
            key={id}
            type="button"
            role="tab"
            id={`tab-${id}`}
            aria-controls={`panel-${id}`}
            aria-selected={index === selected}
            tabIndex={index === selected ? 0 : -1}
            onClick={() => select(index)}
          >
            {title}
          </button>
        ))}
      </div>
      {sections.map(({ id, content }, index) => (
        <section
          key={id}
          role="tabpanel"
          id={`panel-${id}`}
          aria-labelledby={`tab-${id}`}
          hidden={index !== selected}
          class="panel"
        >
          {content}
        </section>
      ))}
    </>
  );
}
