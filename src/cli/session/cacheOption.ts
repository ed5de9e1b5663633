/**
 * The program cache that the options name (docs/cache.md): by default the user's, in the published package; a checkout
 * has none unless `--cache` names one, since its version says nothing of what its sources derive.
 *
 * Invariant: without a place for the key there is no cache, and nothing fails for want of it.
 */
import {
  cacheKey,
  defaultCacheFolder,
  defaultKeyFile,
} from "../../node/programCache/cachePlaces.ts";
import { FolderProgramCache } from "../../node/programCache/folderProgramCache.ts";
import type { ProgramCache } from "../../programCache.ts";
import type { ProgramOptions } from "./options.ts";

const isCheckout = import.meta.url.endsWith(".ts");

export function cacheOf({ cache = true }: Pick<ProgramOptions, "cache">): ProgramCache | undefined {
  if (cache === false || (cache === true && isCheckout)) return undefined;
  const key = cacheKey(defaultKeyFile());
  if (key === undefined) return undefined;
  return new FolderProgramCache(cache === true ? defaultCacheFolder() : cache, key);
}
