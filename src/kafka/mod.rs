//! Kafka: the wire client, and one file a resource.
