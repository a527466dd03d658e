import { type ReactNode, useEffect, useId, useRef } from "react";
import classes from "~/ui/choices.module.css";

export interface Choice {
  value: string;
  label: string;
  /** A word beside the label, such as "demo". */
  mark?: string;
  note?: ReactNode;
  disabled?: boolean;
}

/** One of a few, each with a line that explains it: radio buttons drawn as cards. */
export function Choices(props: {
  legend: string;
  choices: readonly Choice[];
  value: string;
  onChange: (value: string) => void;
  error?: string;
  /** The value that gets the focus when it changes to one that is there; empty: none. */
  focusOn?: string;
}) {
  const id = useId();
  const place = useRef<HTMLFieldSetElement>(null);
  const { focusOn = "", choices } = props;
  const wanted = choices.some((one) => one.value === focusOn) ? focusOn : "";
  useEffect(() => {
    if (!wanted) return;
    const inputs = place.current?.querySelectorAll("input") ?? [];
    [...inputs].find((input) => input.value === wanted)?.focus();
  }, [wanted]);
  return (
    <fieldset
      ref={place}
      className={classes.choices}
      data-concerned={props.error ? true : undefined}
    >
      <legend className={classes.legend}>{props.legend}</legend>
      {props.error && (
        <p id={`${id}-error`} className={classes.error}>
          {props.error}
        </p>
      )}
      <div className={classes.cards}>
        {choices.map(({ value, label, mark, note, disabled }, index) => (
          <label key={value} className={classes.card} data-disabled={disabled || undefined}>
            <input
              type="radio"
              name={id}
              value={value}
              checked={props.value === value}
              disabled={disabled}
              onChange={() => props.onChange(value)}
              aria-labelledby={`${id}-${index}`}
              aria-describedby={`${props.error ? `${id}-error ` : ""}${id}-${index}-note`}
            />
            <span className={classes.words}>
              <span className={classes.label} id={`${id}-${index}`}>
                {label}
              </span>
              {mark && <span className={classes.mark}>{mark}</span>}
              <span className={classes.note} id={`${id}-${index}-note`}>
                {note}
              </span>
            </span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}
