import { Badge } from "@mantine/core";
import type {
  BotState,
  CallView,
  CommandState,
  Health,
  OperationState,
} from "~/api/__generated__/schema";
import { t } from "~/texts/en";

/** Colours by state. A new state of the API does not compile until it has one. */
const BOT_COLOR: Record<BotState, string> = {
  pending: "gray",
  provisioning: "blue",
  starting: "blue",
  running: "green",
  degraded: "orange",
  paused: "grape",
  stopping: "gray",
  stopped: "gray",
  failed: "red",
  deleting: "gray",
};
const OPERATION_COLOR: Record<OperationState, string> = {
  running: "blue",
  succeeded: "green",
  failed: "red",
  superseded: "gray",
};
const COMMAND_COLOR: Record<CommandState, string> = {
  queued: "gray",
  sent: "gray",
  accepted: "blue",
  done: "green",
  failed: "red",
  expired: "orange",
  unknown: "orange",
};

function Shown(props: { color: string; children: string }) {
  return (
    <Badge color={props.color} variant="light" tt="none" fw={600} c="var(--ink)" miw="max-content">
      {props.children}
    </Badge>
  );
}

export function BotBadge(props: { state: BotState }) {
  return <Shown color={BOT_COLOR[props.state]}>{t.states.bot[props.state]}</Shown>;
}

export function OperationBadge(props: { state: OperationState }) {
  return <Shown color={OPERATION_COLOR[props.state]}>{t.states.operation[props.state]}</Shown>;
}

export function CommandBadge(props: { state: CommandState }) {
  return <Shown color={COMMAND_COLOR[props.state]}>{t.states.command[props.state]}</Shown>;
}

export type CallState = CallView["state"];
const CALL_COLOR: Record<CallState, string> = {
  open: "blue",
  done: "green",
  failed: "red",
  cancelled: "gray",
  cut: "orange",
  interrupted: "orange",
};

export function CallBadge(props: { state: CallState }) {
  return <Shown color={CALL_COLOR[props.state]}>{t.states.call[props.state]}</Shown>;
}

const HEALTH_COLOR: Record<Health, string> = { ok: "green", warn: "orange", fail: "red" };

export function HealthBadge(props: { health: Health }) {
  return <Shown color={HEALTH_COLOR[props.health]}>{t.states.health[props.health]}</Shown>;
}
