import type {
  BotState,
  CallView,
  ChannelView,
  CommandState,
  DesiredState,
  Health,
  OperationState,
  Role,
  RunState,
} from "~/api/__generated__/schema";

const bot: Record<BotState, string> = {
  pending: "Pending",
  provisioning: "Provisioning",
  starting: "Starting",
  running: "Running",
  degraded: "Degraded",
  paused: "Paused",
  stopping: "Stopping",
  stopped: "Stopped",
  failed: "Failed",
  deleting: "Deleting",
};
const desired: Record<DesiredState, string> = {
  running: "meant to run",
  paused: "meant to pause",
  stopped: "meant to be stopped",
};
const operation: Record<OperationState, string> = {
  running: "Under way",
  succeeded: "Done",
  failed: "Failed",
  superseded: "Superseded",
};
const command: Record<CommandState, string> = {
  queued: "Waiting",
  sent: "On its way",
  accepted: "Answering",
  done: "Answered",
  failed: "Failed",
  expired: "Too late",
  unknown: "Unknown",
};

const call: Record<CallView["state"], string> = {
  open: "Under way",
  done: "Done",
  failed: "Failed",
  cancelled: "Cancelled",
  cut: "Cut short",
  interrupted: "Interrupted",
};
const health: Record<Health, string> = { ok: "Well", warn: "Look at it", fail: "Broken" };
const run: Record<RunState, string> = {
  waiting: "Waiting",
  installing: "Installing",
  starting: "Starting",
  running: "Running",
  degraded: "Degraded",
  paused: "Paused",
  stopping: "Stopping",
  stopped: "Stopped",
  failed: "Failed",
};
const role: Record<Role, string> = {
  owner: "Owner",
  admin: "Admin",
  operator: "Operator",
  viewer: "Viewer",
  auditor: "Auditor",
};

const channel: Record<ChannelView["state"], string> = {
  running: "Connected",
  stopped: "Stopped",
  failed: "Failed",
};

export const states = { bot, desired, operation, command, call, health, run, role, channel };
