interface Paper { title: string }

export function fail(paper?: Paper): string {
  return (paper as Paper).title.trim();
}
