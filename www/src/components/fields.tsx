/**
 * Form fields with their labels and hints tied to them: text, choice, tick box.
 * They do not know what they ask for.
 */
import type { ComponentChildren } from 'preact';
import { useId } from 'preact/hooks';

interface Common {
  readonly label: string;
  readonly hint?: string | undefined;
  /** Disables the field, and says why. */
  readonly why?: string | undefined;
}

interface TextProps extends Common {
  readonly value: string;
  readonly onInput: (value: string) => void;
  readonly type?: 'text' | 'password' | 'url' | 'number';
  readonly placeholder?: string;
  readonly required?: boolean;
  readonly min?: number;
  readonly max?: number;
  readonly autoComplete?: string;
  readonly mono?: boolean;
}

export function TextField({ label, hint, why, value, onInput, mono = false, type = 'text', ...rest }: TextProps) {
  const id = useId();
  const note = why ?? hint;
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <input
        id={id}
        class={mono ? 'mono' : ''}
        // Preact's types want to know which one; all that are allowed here take the same attributes.
        type={type as 'text'}
        value={value}
        disabled={why !== undefined}
        aria-describedby={note === undefined ? undefined : `${id}-note`}
        spellcheck={false}
        autocapitalize="off"
        onInput={(event) => onInput(event.currentTarget.value)}
        {...rest}
      />
      <Note id={id} text={note} />
    </div>
  );
}

interface AreaProps extends Common {
  readonly value: string;
  readonly onInput: (value: string) => void;
  readonly rows?: number;
  readonly placeholder?: string;
}

export function AreaField({ label, hint, why, value, onInput, rows = 3, placeholder }: AreaProps) {
  const id = useId();
  const note = why ?? hint;
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <textarea
        id={id}
        class="mono"
        rows={rows}
        value={value}
        placeholder={placeholder}
        disabled={why !== undefined}
        aria-describedby={note === undefined ? undefined : `${id}-note`}
        spellcheck={false}
        onInput={(event) => onInput(event.currentTarget.value)}
      />
      <Note id={id} text={note} />
    </div>
  );
}

interface SelectProps<T extends string> extends Common {
  readonly value: T;
  readonly options: readonly (readonly [value: T, text: string])[];
  readonly onChange: (value: T) => void;
}

export function SelectField<T extends string>({ label, hint, why, value, options, onChange }: SelectProps<T>) {
  const id = useId();
  const note = why ?? hint;
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <select
        id={id}
        value={value}
        disabled={why !== undefined}
        aria-describedby={note === undefined ? undefined : `${id}-note`}
        onChange={(event) => {
          const chosen = options.find(([each]) => each === event.currentTarget.value);
          if (chosen !== undefined) onChange(chosen[0]);
        }}
      >
        {options.map(([each, text]) => (
          <option key={each} value={each}>
            {text}
          </option>
        ))}
      </select>
      <Note id={id} text={note} />
    </div>
  );
}

interface CheckProps extends Common {
  readonly checked: boolean;
  readonly onChange: (checked: boolean) => void;
}

export function CheckField({ label, hint, why, checked, onChange }: CheckProps) {
  const id = useId();
  const note = why ?? hint;
  return (
    <div class="check">
      <label>
        <input
          type="checkbox"
          checked={checked}
          disabled={why !== undefined}
          aria-describedby={note === undefined ? undefined : `${id}-note`}
          onChange={(event) => onChange(event.currentTarget.checked)}
        />
        {label}
      </label>
      <Note id={id} text={note} />
    </div>
  );
}

function Note({ id, text }: { id: string; text: string | undefined }) {
  return text === undefined || text === '' ? null : (
    <p class="note" id={`${id}-note`}>
      {text}
    </p>
  );
}

/** QoS as a choice; what the server does not offer can't be chosen. */
export function QosField({
  value,
  onChange,
  max = 2,
  label = 'QoS',
}: {
  value: 0 | 1 | 2;
  onChange: (qos: 0 | 1 | 2) => void;
  max?: number;
  label?: string;
}) {
  const options = (
    [
      ['0', '0 · at most once'],
      ['1', '1 · at least once'],
      ['2', '2 · exactly once'],
    ] as const
  ).filter(([qos]) => Number(qos) <= max);
  return (
    <SelectField
      label={label}
      value={`${value}`}
      options={options}
      onChange={(chosen) => onChange(Number(chosen) as 0 | 1 | 2)}
    />
  );
}

/** A panel with a heading that folds it; open at first on wide screens, or as told. */
export function Fold({
  title,
  aside,
  open,
  children,
  id,
}: {
  title: string;
  aside?: ComponentChildren;
  open: boolean;
  children: ComponentChildren;
  id: string;
}) {
  return (
    <details class="panel" id={id} open={open}>
      <summary>
        <h2>{title}</h2>
        <span class="aside">{aside}</span>
      </summary>
      <div class="body">{children}</div>
    </details>
  );
}

export const isWide = (): boolean => matchMedia('(min-width: 60rem)').matches;
