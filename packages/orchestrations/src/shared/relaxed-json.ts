/** What is written for a literal, as JSON has it. */
const LITERALS: Readonly<Record<string, string>> = {
  True: 'true',
  False: 'false',
  None: 'null',
  undefined: 'null',
};

/**
 * One piece of what models write for JSON: a string, a comment, a word, a comma at the end, or any other character.
 *
 * A comment that does not end goes on to the end of the text, or each of many would be looked for through all of it.
 */
const TOKEN =
  /"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|\/\/[^\n]*|\/\*[\s\S]*?(?:\*\/|$)|[A-Za-z_$][\w$]*|,(?=\s*[}\]])|[\s\S]/g;

/** Rewrites what models write for JSON as JSON, piece by piece; what is inside strings stays. */
export function relaxedToJson(text: string): string {
  return text.replaceAll(TOKEN, (token: string, offset: number) => rewrite(token, text, offset));
}

function rewrite(token: string, text: string, offset: number): string {
  const [first = ''] = token;
  if (first === '"') return token.replaceAll('\n', '\\n');
  if (first === "'" && token.length > 1) return requote(token.slice(1, -1));
  if (token.startsWith('//') || token.startsWith('/*')) return '';
  if (token === ',' && /^\s*[}\]]/.test(text.slice(offset + 1, offset + 200))) return '';
  if (!/^[A-Za-z_$]/.test(first)) return token;
  const literal = LITERALS[token];
  if (literal !== undefined) return literal;
  const isName = /^\s*:/.test(text.slice(offset + token.length, offset + token.length + 50));
  return isName ? JSON.stringify(token) : token;
}

/** The inside of a string in single quotes as a JSON string. */
function requote(inside: string): string {
  const text = inside.replaceAll("\\'", "'").replaceAll(/(?<!\\)"/g, '\\"');
  return `"${text.replaceAll('\n', '\\n')}"`;
}
