import type { Isolation } from "~/api/__generated__/schema";
import type { STEPS } from "~/util/search";

export interface Start {
  label: string;
  note: string;
  /** The name that is suggested. */
  name: string;
  persona: string;
  /** One goal a line. */
  goals: string;
}

/** What people begin from; all of it can be edited before the bot is made. */
const starts = {
  assistant: {
    label: "General assistant",
    note: "Answers questions, writes and sorts things out.",
    name: "assistant",
    persona:
      "You are a calm, friendly assistant. You answer in plain words and keep it short. When you do not know something, you say so.",
    goals: "Help with everyday questions and texts.\nAsk back when a wish is not clear.",
  },
  researcher: {
    label: "Researcher",
    note: "Gathers facts, compares, names its sources.",
    name: "researcher",
    persona:
      "You are a careful researcher. You separate what is known from what is guessed, compare sources, and say how sure you are.",
    goals:
      "Answer questions with facts and where they come from.\nSum up long texts without losing what matters.",
  },
  support: {
    label: "Customer support",
    note: "Answers customers politely and knows its limits.",
    name: "support",
    persona:
      "You are a patient member of a support team. You are polite, solve one problem at a time, and never promise what you cannot keep.",
    goals:
      "Understand what a customer needs and help them step by step.\nHand over to a person when money, law or anger is involved.",
  },
  coder: {
    label: "Coder",
    note: "Explains, writes and reviews code.",
    name: "coder",
    persona:
      "You are an experienced software engineer. You prefer simple solutions, explain why, and point out what could break.",
    goals: "Help to write, read and correct code.\nName the risks of a change before it is made.",
  },
  empty: {
    label: "Empty",
    note: "You write everything yourself.",
    name: "bot",
    persona: "",
    goals: "",
  },
} satisfies Record<string, Start>;

const steps: Record<(typeof STEPS)[number], string> = {
  purpose: "Purpose",
  model: "Model",
  place: "Place",
  review: "Review",
};

const isolations: Record<Isolation, { label: string; note: string }> = {
  sandbox: {
    label: "In a sandbox",
    note: "It sees its own folder and nothing else of this machine.",
  },
  plain: {
    label: "Without a sandbox",
    note: "It can read and change what Homarus itself can. Only for bots you fully trust.",
  },
};

export const wizard = {
  title: "New bot",
  open: "New bot",
  steps,
  progress: "Steps",
  next: "Next",
  back: "Back",
  kept: "What you enter is kept in this browser until the bot is made. Keys are never kept.",
  startOver: "Start over",
  startOverTitle: "Start over?",
  startOverLosses: ["What you have entered here is forgotten."],
  forbiddenTitle: "You may not make bots",
  forbiddenText: "Ask an owner of the workspace for the role of an operator.",

  purpose: {
    title: "What is it for?",
    lead: "Choose where to begin. You can change every word.",
    start: "Begin with",
    starts: starts as Record<keyof typeof starts, Start>,
    name: "Name",
    nameHint: "Lower-case letters, digits and hyphens.",
    nameWrong:
      "Use lower-case letters, digits and hyphens, at most 63; begin and end with a letter or a digit.",
    nameTaken: "There is a bot of this name. Choose another name.",
    persona: "Who it is",
    personaHint: "How it talks and behaves.",
    goals: "What it should do",
    goalsHint: "One goal on each line.",
    replaceTitle: "Replace what you wrote?",
    replaceLosses: ["Your words for who it is and what it should do are replaced."],
    replace: "Replace",
    why: "It needs a valid name that is free.",
  },

  model: {
    title: "Which model does it think with?",
    lead: "A model reads and writes the answers. The demo needs no key and costs nothing.",
    model: "Model",
    demoMark: "not a real model",
    demoNote: "A demo that pretends: for trying things out. Costs nothing real.",
    note: (model: string, provider: string) => `${model} at ${provider}`,
    unusable: "Bots can only use names of lower-case letters, digits and hyphens.",
    another: "Another model",
    anotherNote: "On this machine, or at a provider you have a key for.",
    more: "Show more models",
    none: "There is no model yet. Ask who runs Homarus to add one.",
    unread: "You may not see the models of this workspace. Ask who runs Homarus for a name.",
    why: "Choose a model, or add one here.",
    from: "Where is the model?",
    looking: "Looking for model servers on this machine",
    local: (name: string) => `${name} on this machine`,
    models: (count: number) => (count === 1 ? "1 model" : `${count} models`),
    added: "Added already",
    nothingLocal:
      "No model server answers on this machine. Looked for Ollama, LM Studio, vLLM and llama.cpp where they usually are.",
    look: "Look again",
    openai: "OpenAI",
    anthropic: "Anthropic",
    other: "Another provider",
    withKey: "With a key of yours",
    otherNote: "Any service that speaks OpenAI's format",
    address: "Address",
    addressHint: "Such as https://models.example.com/v1",
    key: "Key",
    keyHint: "Sent to Homarus, sealed there, and never shown again.",
    test: "Test and add",
    fails: "The provider does not work yet",
    failsHint: "Correct it and test again. Or go on with the demo: the model can be changed later.",
    useDemo: "Go on with the demo",
    choose: (provider: string) => `Model of ${provider}`,
    chooseHint: "Choose one",
    asking: "Asking for its models",
    write: "It does not list its models. Write the model's name as its provider does.",
    use: "Use this model",
    added2: (model: string) => `${model} can be used now.`,
  },

  place: {
    title: "Where does it run?",
    lead: "Homarus chose what fits this machine.",
    target: "Place",
    local: "This machine",
    memory: (free: string, total: string, promised: string) =>
      `${free} of ${total} MB memory are free; ${promised} MB are promised to bots.`,
    memoryItsOwn: "Decides about memory by itself.",
    runtime: "Runs as",
    runtimeName: (name: string) => (name === "openclaw" ? "OpenClaw" : name),
    forTests: "for tests",
    isolation: "Protection",
    isolations,
    fleet: "Fleet",
    memoryField: "Memory in MB",
    memoryHint: (least: string) => `At least ${least}.`,
    memoryWrong: (least: string) => `Write a whole number of at least ${least}.`,
    tight: (free: string) =>
      `Only ${free} MB are free: it waits until another bot stops, or give it less.`,
    whyIsolation: "This machine cannot keep it in a sandbox now.",
    whyMemory: "It needs a valid amount of memory.",
  },

  review: {
    title: "Is this right?",
    lead: "Nothing is made before you say so.",
    make: "Make the bot",
    checking: "Checking with Homarus",
    wrong: "This cannot be made yet",
    change: (step: string) => `Change: ${step}`,
    taken: (name: string) => `There is a bot ${name} already. Choose another name.`,
    openIt: (name: string) => `Open ${name}`,
    why: "Something above must be changed first.",
  },

  deploy: {
    title: (name: string) => `${name} is being made`,
    upTitle: (name: string) => `${name} runs`,
    failedTitle: (name: string) => `${name} did not start`,
    restTitle: (name: string) => `${name} does not run now`,
    lead: "You may leave this page; it goes on, and this address brings you back.",
    failedLead: "It is kept as it is. Change it, or try again.",
    restLead: "Somebody stopped or paused it.",
    upLead: "Say something to it.",
    steps: "What happens",
    waiting: "Waiting for the first step.",
    done: (part: number) => `${part} percent done`,
    log: "The end of its log",
    noLog: "There is no log yet.",
    readLog: "Look at the log",
    change: "Change it",
    again: "Try again",
    open: "Open its page",
    another: "Make another bot",
    why: "Why",
  },
};
