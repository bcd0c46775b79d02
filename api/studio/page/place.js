// Where in a YAML text the cursor stands: the way of keys and list items to it, and what stands beside it.

/**
 * @typedef {object} Level  One step of the way: a key of a map, or (null) an item of a list.
 * @property {string | null} key
 * @property {string[]} beside  The other keys of the same map.
 */

/**
 * @typedef {object} Place
 * @property {Level[]} way  From the top to the map or list that the cursor is in.
 * @property {"key" | "value"} kind
 * @property {string[]} beside  The keys of the cursor's own map.
 * @property {string} typed  What is typed of the key or value.
 * @property {number} from  Where that begins in the text.
 * @property {boolean} flow  Whether it is inside braces or brackets.
 * @property {number} column  Where the cursor's map begins in its line.
 */

/** @typedef {{ column: number, key: string | null, line: number }} Open */

const KEY = /^("(?:[^"\\]|\\.)*"|'(?:[^']|'')*'|[^\s#:{}[\],"'][^#:{}[\],]*?)\s*:(?=\s|$)/;

/**
 * @param {string} text
 * @param {number} position
 * @returns {Place}
 */
export function placeAt(text, position) {
  const lines = text.split("\n");
  const before = text.slice(0, position).split("\n");
  const at = before.length - 1;
  const line = before[at];
  const rest = opened(line);
  const last = rest.parts[rest.parts.length - 1];
  const open = ancestors(lines, at, rest.parts.length ? rest.parts[0].column : rest.column);
  for (const part of rest.parts.slice(0, rest.key === null ? undefined : -1)) open.push({ ...part, line: at });
  const column = rest.key !== null ? last.column : rest.column;
  const start = position - line.length;
  if (rest.key === null) {
    const flow = inFlow(rest.text, start + rest.column);
    if (flow) return { ...flow, way: [...wayOf(lines, open), ...flow.way], column };
    const beside = siblings(lines, at, column, rest.parts.length > 0);
    return { way: wayOf(lines, open), kind: "key", beside, typed: rest.text, from: start + rest.column, flow: false, column };
  }
  open.push({ column, key: rest.key, line: at });
  const way = wayOf(lines, open);
  const from = start + line.length - rest.text.length;
  const flow = inFlow(rest.text, from);
  if (flow) return { ...flow, way: [...way, ...flow.way], column };
  return { way, kind: "value", beside: way[way.length - 1].beside, typed: rest.text, from, flow: false, column };
}

/**
 * Takes a line apart: its dashes, its key (null: none, or not finished), and what comes then.
 * @param {string} line
 */
function opened(line) {
  /** @type {{ column: number, key: string | null }[]} */
  const parts = [];
  let column = line.length - line.trimStart().length;
  for (let dash; (dash = /^-(\s+|$)/.exec(line.slice(column))); column += dash[0].length) {
    parts.push({ column, key: null });
  }
  const found = KEY.exec(line.slice(column));
  if (!found || !/\s/.test(line[column + found[0].length] ?? "")) return { parts, key: null, text: line.slice(column), column };
  const key = unquoted(found[1]);
  parts.push({ column, key });
  return { parts, key, text: line.slice(column + found[0].length).trimStart(), column };
}

/** @param {string} key */
const unquoted = (key) => key.replace(/^(["'])(.*)\1$/, "$2").trim();

/**
 * The open keys and items above a line, for something that begins in a column.
 * @param {string[]} lines
 * @param {number} at
 * @param {number} column
 * @returns {Open[]}
 */
function ancestors(lines, at, column) {
  /** @type {Open[]} */
  const open = [];
  for (let number = 0; number < at; number += 1) {
    const line = lines[number];
    if (!line.trim() || line.trimStart().startsWith("#")) continue;
    for (const part of parts(line)) {
      close(open, part);
      open.push({ ...part, line: number });
    }
  }
  const dash = lines[at].trimStart().startsWith("-");
  close(open, { column, key: dash ? null : "" });
  return open;
}

/** @param {string} line */
function parts(line) {
  return opened(`${line} `).parts;
}

/**
 * Closes what ends where something begins in a column; a list may stand under its key without indentation.
 * @param {Open[]} open
 * @param {{ column: number, key: string | null }} part
 */
function close(open, part) {
  const stays = (/** @type {Open} */ one) =>
    one.column < part.column || (part.key === null && one.key !== null && one.column === part.column);
  while (open.length && !stays(open[open.length - 1])) open.pop();
}

/**
 * @param {string[]} lines
 * @param {Open[]} open
 * @returns {Level[]}
 */
function wayOf(lines, open) {
  return open.map(({ key, line, column }) => ({
    key,
    beside: key === null ? [] : siblings(lines, line, column).filter((other) => other !== key),
  }));
}

/**
 * The keys of the map around a line whose keys begin in a column, but for the line's own.
 * @param {string[]} lines
 * @param {number} at
 * @param {number} column
 * @param {boolean} [first]  Whether the line begins the map.
 */
function siblings(lines, at, column, first = false) {
  /** @type {string[]} */
  const found = [];
  const own = (/** @type {number} */ number) => keyAt(lines[number], column);
  for (let number = at; number >= 0; number -= 1) {
    const here = own(number);
    if (number !== at && here.key !== null) found.push(here.key);
    if (here.begins || (number === at ? first : here.outside)) break;
  }
  for (let number = at + 1; number < lines.length; number += 1) {
    const here = own(number);
    if (here.begins || here.outside) break;
    if (here.key !== null) found.push(here.key);
  }
  return found;
}

/**
 * @param {string} line
 * @param {number} column
 * @returns {{ key: string | null, begins: boolean, outside: boolean }}
 */
function keyAt(line, column) {
  if (!line.trim() || line.trimStart().startsWith("#")) return { key: null, begins: false, outside: false };
  const found = parts(line);
  const part = found.find((one) => one.key !== null && one.column === column);
  const begins = part !== undefined && found.some((one) => one.key === null);
  return { key: part?.key ?? null, begins, outside: line.length - line.trimStart().length < column && !begins };
}

/**
 * Reads an unfinished `{…` or `[…`; null where none is open.
 * @param {string} text
 * @param {number} start
 * @returns {Omit<Place, "column"> | null}
 */
function inFlow(text, start) {
  /** @type {{ map: boolean, keys: string[], key: string | null, from: number }[]} */
  const stack = [];
  let quote = "";
  for (let index = 0; index < text.length; index += 1) {
    const sign = text[index];
    const top = stack[stack.length - 1];
    if (quote) quote = sign === quote ? "" : quote;
    else if (sign === '"' || sign === "'") quote = sign;
    else if (sign === "{" || sign === "[") stack.push({ map: sign === "{", keys: [], key: null, from: index + 1 });
    else if (!top) continue;
    else if (sign === "}" || sign === "]") stack.pop();
    else if (sign === ",") Object.assign(top, { key: null, from: index + 1 });
    else if (sign === ":" && top.map && top.key === null && /\s|$/.test(text[index + 1] ?? " ")) {
      top.key = unquoted(text.slice(top.from, index).trim());
      top.keys.push(top.key);
      top.from = index + 1;
    }
  }
  const top = stack[stack.length - 1];
  if (!top) return null;
  const way = stack.flatMap((one, depth) => {
    const inner = depth < stack.length - 1 || one.key !== null || !one.map;
    if (!inner) return [];
    return [{ key: one.map ? one.key : null, beside: one.keys.filter((key) => key !== one.key) }];
  });
  const typed = text.slice(top.from).trimStart();
  const from = start + text.length - typed.length;
  const kind = top.map && top.key === null ? "key" : "value";
  return { way, kind, beside: top.keys.filter((key) => key !== top.key), typed, from, flow: true };
}
