/** What the build writes into the file. */

declare const VERSION: string;
