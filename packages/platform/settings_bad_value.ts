import { quoteInput } from "./settings_core.ts";
import { maskUrl } from "./secrets.ts";
import type { SettingDefinition } from "./settings_definition.ts";
import type { LayerValue } from "./settings_layer.ts";

/** Says that a value can't be read and what is allowed; a secret is only told by its length. */
export function explainBadValue(
  definition: SettingDefinition<unknown>,
  value: LayerValue,
  allowed: string,
): string {
  const { label, text, place } = value;
  const shown = definition.isQuotable
    ? `${quoteInput(maskUrl(text))} (${place})`
    : `(${text.length} characters, ${place})`;
  return `Cannot read ${label} ${shown}: allowed is ${allowed}`;
}
