// What is smaller could not be seen.
const least = 0.4;
const colours = 6;

const colourOf = (index: number): string => `part-${index % colours}`;

/** One size of a list beside the largest. The text says how large it is. */
export function Bar({ size, largest, index }: { size: number; largest: number; index: number }) {
  return (
    <svg class="bar" viewBox="0 0 100 1" preserveAspectRatio="none" aria-hidden="true">
      <rect class={colourOf(index)} width={Math.max((size / largest) * 100, least)} height="1" />
    </svg>
  );
}

/** All sizes in one bar, each as wide as it is large; nothing where there is none. */
export function WholeBar({ label, parts }: { label: string; parts: { size: number; title: string }[] }) {
  const total = parts.reduce((sum, p) => sum + p.size, 0);
  if (total === 0) return null;
  let x = 0;
  return (
    <svg class="bar whole" viewBox="0 0 100 1" preserveAspectRatio="none" role="img" aria-label={label}>
      {parts.map((part, i) => {
        const width = (part.size / total) * 100;
        x += width;
        return (
          <rect key={i} class={colourOf(i)} x={x - width} width={width} height="1">
            <title>{part.title}</title>
          </rect>
        );
      })}
    </svg>
  );
}
