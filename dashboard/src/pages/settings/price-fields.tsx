import { SimpleGrid, Text, TextInput } from "@mantine/core";
import type { PriceInput } from "~/api/__generated__/schema";
import { t } from "~/texts/en";

const FIELDS: readonly (readonly [keyof PriceInput, string])[] = [
  ["input", t.providers.input],
  ["output", t.providers.output],
  ["cached_read", t.providers.cachedRead],
  ["cache_write", t.providers.cacheWrite],
];

/** Dollars for a million tokens of each class; texts, so that no digit is lost on the way. */
export function PriceFields(props: { price: PriceInput; onChange: (price: PriceInput) => void }) {
  return (
    <>
      <Text size="sm" className="quiet">
        {t.providers.ownPriceHint}
      </Text>
      <SimpleGrid cols={2} spacing="sm">
        {FIELDS.map(([key, label]) => (
          <TextInput
            key={key}
            label={label}
            inputMode="decimal"
            required
            value={props.price[key]}
            onChange={(event) =>
              props.onChange({ ...props.price, [key]: event.currentTarget.value })
            }
          />
        ))}
      </SimpleGrid>
    </>
  );
}
