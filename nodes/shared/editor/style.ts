/** Puts a style sheet into the page; once, however many scripts bring it along. */
export function addStyle(id: string, css: string): void {
  if (document.getElementById(id) !== null) return;
  const style = document.createElement('style');
  style.id = id;
  style.textContent = css;
  document.head.append(style);
}
