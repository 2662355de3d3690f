/** Values that are checked by a schema of any library that follows Standard Schema (standardschema.dev), version 1. */

import type { PayloadIssue } from './error.js';

/** A schema, as zod, valibot, ArkType and others make them. */
export interface StandardSchema<Input = unknown, Output = Input> {
  readonly '~standard': {
    readonly version: 1;
    readonly vendor: string;
    validate(value: unknown): SchemaResult<Output> | Promise<SchemaResult<Output>>;
    /** For the compiler alone. */
    readonly types?: { readonly input: Input; readonly output: Output } | undefined;
  };
}

export type SchemaResult<Output> =
  | { readonly value: Output; readonly issues?: undefined }
  | { readonly issues: readonly SchemaIssue[] };

export interface SchemaIssue {
  readonly message: string;
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
}

/** What a schema takes. */
export type InputOf<Schema extends StandardSchema> = NonNullable<Schema['~standard']['types']>['input'];
/** What it makes of that. */
export type OutputOf<Schema extends StandardSchema> = NonNullable<Schema['~standard']['types']>['output'];

/** A value, or what is wrong with it. */
export type Checked =
  | { readonly value: unknown; readonly issues?: undefined }
  | { readonly value?: undefined; readonly issues: readonly PayloadIssue[] };

/** A promise where the schema is asynchronous. */
export function check(schema: StandardSchema | undefined, value: unknown): Checked | Promise<Checked> {
  if (!schema) {
    return { value };
  }
  try {
    const result = schema['~standard'].validate(value);
    return isPromise(result) ? result.then(checked, failed) : checked(result);
  } catch (thrown) {
    return failed(thrown);
  }
}

/** What threw is what is wrong. */
export function failed(thrown: unknown): { readonly issues: readonly PayloadIssue[] } {
  return { issues: [{ message: String((thrown as Error | undefined)?.message ?? thrown), path: [] }] };
}

export function isPromise<T>(value: T | Promise<T>): value is Promise<T> {
  return typeof (value as Promise<T> | undefined)?.then === 'function';
}

function checked(result: SchemaResult<unknown>): Checked {
  if (!result.issues) {
    return { value: result.value };
  }
  const issues = result.issues.map(({ message, path = [] }) => ({
    message,
    path: path.map((part) => (typeof part === 'object' ? part.key : part)),
  }));
  return { issues };
}
