#!/usr/bin/env bash
# What action.yml runs. Its code is that of the commit which the workflow names; what it needs is installed by hash.
set -euo pipefail

case $GITHUB_EVENT_NAME in
  pull_request_target | workflow_run | issue_comment)
    echo "::error::mailwright refuses the trigger $GITHUB_EVENT_NAME: it would run what a stranger wrote with this repository's secrets"
    exit 2
    ;;
esac

for name in MAILWRIGHT_ENV MAILWRIGHT_SERVER MAILWRIGHT_CA_FILE MAILWRIGHT_PRODUCT_VERSION; do
  [[ -n ${!name:-} ]] || unset "$name" # an input that is not given
done
mapfile -t files < <(grep -v '^[[:space:]]*$' <<<"$ACTION_FILES")
here=$GITHUB_ACTION_PATH
export PYTHONPATH=$here/generator PYTHONSAFEPATH=1 PYTHONDONTWRITEBYTECODE=1

install() {
  local folder=$RUNNER_TEMP/mailwright
  [[ -x $folder/bin/python ]] || python3 -m venv "$folder"
  "$folder/bin/python" -m pip install --quiet --disable-pip-version-check --require-hashes --requirement "$here/requirements/runtime.txt"
  program=("$folder/bin/python" -m mailwright)
}

# Run mailwright with its report in a file; its exit code is the step's, and an output.
report() { # FILE ARGUMENTS...
  local file=$1 code=0
  shift
  "${program[@]}" "$@" >"$file" || code=$?
  printf 'report=%s\nexit-code=%s\n' "$file" "$code" >>"$GITHUB_OUTPUT"
  return "$code"
}

case $ACTION_COMMAND in
  validate)
    install
    "${program[@]}" validate --format github -- "${files[@]}" || true # annotations; the report has the exit code
    report "$RUNNER_TEMP/mailwright.sarif" validate --format sarif -- "${files[@]}"
    ;;
  plan)
    install
    code=0
    report "$ACTION_COMMENT" plan --format markdown --output "$ACTION_PLAN" -- "${files[@]}" || code=$?
    head --bytes=60000 "$ACTION_COMMENT" | tee -a "$GITHUB_STEP_SUMMARY"
    exit "$code"
    ;;
  comment)
    gh pr comment "$ACTION_PULL_REQUEST" --edit-last --create-if-none --body-file "$ACTION_COMMENT"
    ;;
  apply)
    install
    code=0
    "${program[@]}" apply ${ACTION_PLAN:+--plan "$ACTION_PLAN"} --output "$RUNNER_TEMP/result.jsonl" -- "${files[@]}" || code=$?
    printf 'report=%s\nexit-code=%s\n' "$RUNNER_TEMP/result.jsonl" "$code" >>"$GITHUB_OUTPUT"
    exit "$code"
    ;;
  verify)
    install
    report "$RUNNER_TEMP/verify.xml" verify --require-auth --format junit -- "${files[@]}"
    ;;
  *)
    echo "::error::the input command is validate, plan, comment, apply or verify"
    exit 2
    ;;
esac
