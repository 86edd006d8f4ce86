// audit returns what is wrong with the page for those who read it on a phone, with a
// keyboard or with a screen reader, as sentences. The rules are those of WCAG 2.2.
(() => {
  const wrong = [];
  const all = (selector) => [...document.querySelectorAll(selector)];
  const name = (e) => `<${e.tagName.toLowerCase()}> ${(e.textContent || '').trim().slice(0, 40)}`;
  const check = (holds, what) => { if (!holds) wrong.push(what); };

  // Language, title, landmarks and headings.
  check(document.documentElement.lang === 'en', 'the language is missing');
  check(document.title !== '', 'the title is missing');
  for (const landmark of ['header', 'nav', 'main']) check(all(landmark).length === 1, `there is not one ${landmark}`);
  check(all('h1').length === 1, 'there is not one h1');
  let level = 0;
  for (const h of all('h1, h2, h3, h4, h5, h6')) {
    check(+h.tagName[1] <= level + 1, `heading skips a level: ${name(h)}`);
    level = +h.tagName[1];
  }

  // Names and references.
  for (const e of all('svg')) {
    check(e.getAttribute('role') === 'img' && e.getAttribute('aria-label'), 'a picture has no label');
    check(!/NaN|Infinity|undefined|null/.test(e.outerHTML), `a picture is broken: ${e.outerHTML.slice(0, 200)}`);
  }
  for (const e of all('a, summary, button')) check(e.textContent.trim(), 'a control has no name');
  for (const e of all('section')) check(document.getElementById(e.getAttribute('aria-labelledby')), 'a section has no name');
  const ids = all('[id]').map((e) => e.id);
  check(new Set(ids).size === ids.length, 'an id is used twice');
  for (const a of all('a[href^="#"]')) check(ids.includes(a.hash.slice(1)), `a link leads nowhere: ${a.hash}`);

  // Tables.
  for (const t of all('table')) {
    check(t.caption && t.caption.textContent.trim(), 'a table has no caption');
    for (const row of t.tBodies[0].rows) {
      check(row.cells.length === t.tHead.rows[0].cells.length, `a row has another number of cells: ${name(row)}`);
      check(row.cells[0].matches('th[scope=row]'), `a row has no header: ${name(row)}`);
    }
    for (const h of t.tHead.rows[0].cells) check(h.matches('th[scope=col]'), `a column has no header: ${name(h)}`);
  }

  // Reading on a phone.
  const width = document.documentElement.clientWidth;
  check(document.documentElement.scrollWidth <= width, `the page is ${document.documentElement.scrollWidth} wide on ${width}`);
  for (const e of all('nav a, summary, footer a')) {
    check(e.getBoundingClientRect().height >= 24, `a control is too small to hit: ${name(e)}`);
  }

  // Contrast of every text with what lies behind it.
  const parse = (color) => { const [r, g, b, a = 1] = color.match(/[\d.]+/g).map(Number); return { r, g, b, a }; };
  const linear = (c) => { c /= 255; return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4; };
  const luminance = ({ r, g, b }) => 0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b);
  const behind = (e) => {
    for (; e; e = e.parentElement) {
      const color = parse(getComputedStyle(e).backgroundColor);
      if (color.a === 1) return color;
      check(color.a === 0, `a background is translucent: ${name(e)}`);
    }
    return { r: 255, g: 255, b: 255 };
  };
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const e = walker.currentNode.parentElement;
    if (!walker.currentNode.textContent.trim() || e.closest('script, style')) continue;
    const [a, b] = [luminance(parse(getComputedStyle(e).color)), luminance(behind(e))];
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    check(ratio >= 4.5, `contrast ${ratio.toFixed(2)} below 4.5: ${name(e)}`);
  }
  return wrong;
})()
