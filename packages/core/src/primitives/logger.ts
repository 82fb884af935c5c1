/** Where the library reports what the caller should know and no error or event carries. */
export interface Logger {
  /** Something works, but perhaps not as intended. */
  readonly warn: (message: string) => void;
  /** Something that helps in finding a fault. */
  readonly debug: (message: string) => void;
}

/** Warnings go to the console, the rest nowhere. */
export const consoleLogger: Logger = {
  warn: (message) => console.warn(message),
  debug: () => {},
};
