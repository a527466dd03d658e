import classes from "~/ui/check.module.css";

/** A bare box to tick, for the rows of a long table: nothing to set up for each. */
export function Check(props: {
  label: string;
  checked: boolean;
  /** Some of what it stands for is ticked, and some is not. */
  mixed?: boolean;
  onChange: (checked: boolean) => void;
}) {
  return (
    <input
      type="checkbox"
      className={classes.check}
      aria-label={props.label}
      checked={props.checked}
      ref={(box) => {
        if (box) box.indeterminate = props.mixed ?? false;
      }}
      onChange={(event) => props.onChange(event.currentTarget.checked)}
    />
  );
}
