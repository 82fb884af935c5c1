/** What services take as the name of a tool. */
export const TOOL_NAME: RegExp = /^[A-Za-z0-9_-]{1,64}$/;
