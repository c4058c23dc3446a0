"""Group ids of libraries that are built without Maven, and so contain no pom.

Advisories of Spring, Tomcat or Kotlin can only be matched with a group id. A row needs both the
artifact's name and its classes: anyone can use a name, and classes are shaded into others. The last
column is the first major version of a row, for projects that changed their group; the first
matching row holds.
"""

import re
from collections.abc import Iterable

_ROWS: tuple[tuple[str, str, str, int], ...] = (
    # artifact, folder of its classes, group id, from major version
    (r"spring-boot(?:-.+)?", "org/springframework/boot/", "org.springframework.boot", 0),
    (r"spring-security-.+", "org/springframework/security/", "org.springframework.security", 0),
    (
        r"spring-integration-.+",
        "org/springframework/integration/",
        "org.springframework.integration",
        0,
    ),
    (r"spring-(?:amqp|rabbit)(?:-.+)?", "org/springframework/amqp/", "org.springframework.amqp", 0),
    (r"spring-kafka(?:-.+)?", "org/springframework/kafka/", "org.springframework.kafka", 0),
    (r"spring-session-.+", "org/springframework/session/", "org.springframework.session", 0),
    (r"spring-batch-.+", "org/springframework/batch/", "org.springframework.batch", 0),
    (r"spring-(?:ws|xml)(?:-.+)?", "org/springframework/", "org.springframework.ws", 0),
    (r"spring-hateoas", "org/springframework/hateoas/", "org.springframework.hateoas", 0),
    (r"spring-retry", "org/springframework/retry/", "org.springframework.retry", 0),
    (r"spring-graphql", "org/springframework/graphql/", "org.springframework.graphql", 0),
    (
        r"spring-[a-z0-9]+(?:-(?:support|indexer))?",
        "org/springframework/",
        "org.springframework",
        0,
    ),
    (r"tomcat-embed-[a-z]+(?:-[a-z]+)?", "org/apache/", "org.apache.tomcat.embed", 0),
    (r"tomcat-[a-z]+(?:-[a-z]+)*", "org/apache/", "org.apache.tomcat", 0),
    (r"kotlin-(?:stdlib|reflect)(?:-.+)?", "kotlin/", "org.jetbrains.kotlin", 0),
    (r"kotlinx-.+", "kotlinx/", "org.jetbrains.kotlinx", 0),
    (r"okhttp(?:-.+)?|logging-interceptor", "okhttp3/", "com.squareup.okhttp3", 3),
    (r"okio(?:-.+)?", "okio/", "com.squareup.okio", 0),
    (r"(?:retrofit|converter|adapter)(?:-.+)?", "retrofit2/", "com.squareup.retrofit2", 2),
    (r"groovy(?:-.+)?", "groovy/", "org.apache.groovy", 4),
    (r"groovy(?:-.+)?", "groovy/", "org.codehaus.groovy", 0),
    (r"hibernate-core(?:-.+)?", "org/hibernate/", "org.hibernate.orm", 6),
    (r"hibernate-core(?:-.+)?", "org/hibernate/", "org.hibernate", 0),
    (r"micrometer-.+", "io/micrometer/", "io.micrometer", 0),
    (r"reactor-core", "reactor/core/", "io.projectreactor", 0),
    (r"reactor-netty(?:-.+)?", "reactor/netty/", "io.projectreactor.netty", 0),
    (r"rxjava", "io/reactivex/", "io.reactivex.rxjava3", 3),
    (r"rxjava", "io/reactivex/", "io.reactivex.rxjava2", 2),
    (r"grpc-.+", "io/grpc/", "io.grpc", 0),
    (r"opentelemetry-.+", "io/opentelemetry/", "io.opentelemetry", 0),
    (r"elasticsearch(?:-.+)?", "org/elasticsearch/", "org.elasticsearch", 0),
    (r"lucene-.+", "org/apache/lucene/", "org.apache.lucene", 0),
    (r"kafka(?:-.+|_2\..+)", "org/apache/kafka/", "org.apache.kafka", 0),
    (r"bc(?:prov|pkix|pg|util|mail|tls|jmail)-.+", "org/bouncycastle/", "org.bouncycastle", 0),
    (r"h2", "org/h2/", "com.h2database", 0),
    (r"mysql-connector-java", "com/mysql/", "mysql", 0),
    (r"mysql-connector-j", "com/mysql/", "com.mysql", 0),
    (r"ojdbc\d+", "oracle/jdbc/", "com.oracle.database.jdbc", 0),
    (r"ant(?:-.+)?", "org/apache/tools/ant/", "org.apache.ant", 0),
    (r"gradle-.+", "org/gradle/", "org.gradle", 0),
    (r"aspectj(?:weaver|rt|tools)", "org/aspectj/", "org.aspectj", 0),
    (r"quartz(?:-.+)?", "org/quartz/", "org.quartz-scheduler", 0),
)
_MAJOR = re.compile(r"[vV]?(\d{1,6})")
_GROUP = re.compile(r"[a-z][a-z0-9_]*(?:\.[a-z][a-z0-9_]*)+\Z")


def known_group(artifact: str, version: str, names: Iterable[str]) -> str:
    """Return the group id of a known library, or "".

    For others, it is derived from the classes if all lie below `<group>/<artifact>`.
    """
    classes = [
        name
        for name in names
        if name.endswith(".class") and not name.startswith("META-INF/") and "/" in name
    ]
    match = _MAJOR.match(version)
    major = int(match.group(1)) if match is not None else 0
    for pattern, folder, group, since in _ROWS:
        if (
            major >= since
            and re.fullmatch(pattern, artifact)
            and any(name.startswith(folder) for name in classes)
        ):
            return group
    return _common(artifact, classes)


def _common(artifact: str, classes: list[str]) -> str:
    """Return `com.beust` for an archive `jcommander` with only `com/beust/jcommander/…`."""
    if not classes:
        return ""
    first, last = min(classes).split("/")[:-1], max(classes).split("/")[:-1]
    shared = [one for one, other, _ in zip(first, last, range(12), strict=False) if one == other]
    if artifact not in shared:
        return ""
    group = ".".join(shared[: shared.index(artifact)])
    return group if _GROUP.match(group) else ""
