import { useNavigate } from "@tanstack/react-router";
import { queryClient } from "~/api/client";
import { logOut } from "~/api/session";
import { tellFault } from "~/components/fault";

/** Ends the session and goes to the login page; nothing that was read is kept. */
export function useLogOut(): () => Promise<void> {
  const navigate = useNavigate();
  return async () => {
    try {
      await logOut();
    } catch (thrown) {
      tellFault(thrown);
      return;
    }
    queryClient.clear();
    navigate({ to: "/login" });
  };
}
