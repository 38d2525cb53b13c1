# Finds a JDK 25 or newer and exports JAVA_HOME. Sourced by ./mvnw and ./sluice.
#
# Order: SLUICE_JDK, JAVA_HOME, the java on PATH, then the folders where package managers put JDKs. Those are looked for
# below SLUICE_JDK_ROOT, which is empty but in tests.

jdk_major() { # JDK_DIR: prints the feature version, or nothing where DIR is no JDK
  [ -x "$1/bin/java" ] && [ -x "$1/bin/javac" ] || return 0
  if [ -r "$1/release" ]; then
    sed -n 's/^JAVA_VERSION="\([0-9]*\).*/\1/p' "$1/release"
  else
    "$1/bin/java" -version 2>&1 | sed -n 's/.*version "\([0-9]*\).*/\1/p' | head -n 1
  fi
}

find_jdk() {
  jdk_seen=""
  root=${SLUICE_JDK_ROOT:-}
  path_java=$(command -v java 2>/dev/null) && path_java=$(readlink -f "$path_java" 2>/dev/null || echo "$path_java")
  for jdk in "${SLUICE_JDK:-}" "${JAVA_HOME:-}" "${path_java%/bin/java}" \
    "$root"/usr/lib/jvm/* "$root"/usr/java/* "$root"/opt/java/* "$root"/opt/jdk* \
    "$root"/opt/homebrew/opt/openjdk*/libexec/openjdk.jdk/Contents/Home \
    "$root"/Library/Java/JavaVirtualMachines/*/Contents/Home \
    "${HOME:-/}"/.sdkman/candidates/java/* "${HOME:-/}"/.jdks/*; do
    [ -n "$jdk" ] && [ -d "$jdk" ] || continue
    major=$(jdk_major "$jdk")
    [ -n "$major" ] || continue
    if [ "$major" -ge 25 ]; then
      JAVA_HOME=$jdk
      export JAVA_HOME
      return 0
    fi
    jdk_seen="$jdk_seen
    $jdk (Java $major)"
  done
  echo "sluice: no JDK 25 or newer was found." >&2
  echo "  looked at: SLUICE_JDK, JAVA_HOME, PATH, /usr/lib/jvm, /opt, ~/.sdkman, ~/.jdks, /Library/Java" >&2
  if [ -n "$jdk_seen" ]; then echo "  too old or incomplete:$jdk_seen" >&2; else echo "  no JDK of any version is there" >&2; fi
  echo "  do: install one (Debian: apt install temurin-25-jdk or openjdk-25-jdk; macOS: brew install openjdk)," >&2
  echo "      or name one: JAVA_HOME=/path/to/jdk-25 $0 ..." >&2
  return 1
}
