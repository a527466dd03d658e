import type { ProblemView } from "~/api/__generated__/schema";

/** What went wrong with a request, in the server's own words. Every screen shows this one shape. */
export class ApiFault extends Error {
  readonly status: number;
  readonly code: string;
  readonly detail: string;
  readonly hint: string;
  readonly requestId: string;
  readonly issues: readonly { path: string; message: string; hint: string }[];

  constructor(status: number, problem: Partial<ProblemView>) {
    super(problem.title ?? "");
    this.status = status;
    this.code = problem.code ?? "";
    this.detail = problem.detail ?? "";
    this.hint = problem.hint ?? "";
    this.requestId = problem.request_id ?? "";
    this.issues = problem.issues ?? [];
  }
}

/** Status of a request that got no answer at all: the server is down or the network is. */
export const NO_ANSWER = 0;
/** Status of what no request did: something in the console itself broke. */
export const BROKEN = -1;

/** The fault of a request without an answer. */
export function noAnswer(): ApiFault {
  return new ApiFault(NO_ANSWER, {});
}

/** The fault in `thrown`; anything that is not one of ours is a mistake of the console's. */
export function asFault(thrown: unknown): ApiFault {
  return thrown instanceof ApiFault ? thrown : new ApiFault(BROKEN, {});
}

/** The fault that an answer tells; an answer that is no problem document keeps its status. */
export async function faultOf(response: Response): Promise<ApiFault> {
  const problem = await response.json().catch(() => ({}));
  const requestId = response.headers.get("x-request-id") ?? "";
  return new ApiFault(response.status, { request_id: requestId, ...problem });
}
