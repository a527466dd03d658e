export const doctor = {
  title: "Doctor",
  lead: "What is not well, and how to mend it.",
  again: "Examine again",
  well: "All is well",
  wellText: "Every check passed.",
  examining: "Examining",
  remedy: "How to mend it:",
};
