import { Button, Group, Stack, TextInput } from "@mantine/core";
import type { GrantInput, Role } from "~/api/__generated__/schema";
import { t } from "~/texts/en";
import { Choice } from "~/ui/choice";

const ROLES = (Object.keys(t.states.role) as Role[]).map((value) => ({
  value,
  label: `${t.states.role[value]}: ${t.users.roleMeans[value]}`,
}));

/** Roles, each on the whole workspace or on one fleet. */
export function GrantFields(props: {
  grants: readonly GrantInput[];
  onChange: (grants: readonly GrantInput[]) => void;
}) {
  const { grants, onChange } = props;
  const change = (at: number, part: Partial<GrantInput>) =>
    onChange(grants.map((grant, index) => (index === at ? { ...grant, ...part } : grant)));
  return (
    <>
      {grants.map((grant, index) => (
        // A line has nothing of its own but its place.
        // biome-ignore lint/suspicious/noArrayIndexKey: see above
        <Stack key={index} gap={6}>
          <Choice
            label={t.users.role}
            data={ROLES}
            value={grant.role}
            onChange={(role) => change(index, { role: role as Role })}
          />
          <Group align="flex-end" wrap="nowrap">
            <TextInput
              flex={1}
              label={t.users.where}
              description={t.users.whereHint}
              placeholder={t.users.everywhere}
              value={grant.fleet ?? ""}
              onChange={(event) => change(index, { fleet: event.currentTarget.value || null })}
            />
            <Button
              variant="default"
              aria-label={t.users.dropRole(index + 1)}
              onClick={() => onChange(grants.filter((_, at) => at !== index))}
            >
              {t.users.drop}
            </Button>
          </Group>
        </Stack>
      ))}
      <Group>
        <Button
          variant="subtle"
          onClick={() => onChange([...grants, { role: "viewer", fleet: null }])}
        >
          {t.users.addRole}
        </Button>
      </Group>
    </>
  );
}
