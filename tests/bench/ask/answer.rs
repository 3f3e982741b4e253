//! What the two said, read back: the same partitions, leaders and replicas.

use std::collections::BTreeSet;

/// Topic, partition, leader, replicas and ISR, as text.
pub(crate) type Partition = [String; 5];

/// The table below `partitions:`.
pub(crate) fn of_krun(text: &str) -> BTreeSet<Partition> {
    let mut lines = text.lines().skip_while(|line| *line != "partitions:").skip(1);
    let cells = |line: &str| -> Vec<String> {
        line.split("   ").map(str::trim).filter(|cell| !cell.is_empty()).map(str::to_owned).collect()
    };
    let header = lines.next().map(cells).unwrap_or_default();
    let row = |line: &str| {
        let cells = cells(line);
        let cell = |name: &str| {
            let place = header.iter().position(|column| column == name)?;
            cells.get(place).map(|cell| cell.replace(", ", ","))
        };
        Some([cell("topic")?, cell("partition")?, cell("leader")?, cell("replicas")?, cell("isr")?])
    };
    lines.filter_map(row).collect()
}

/// `\tTopic: a\tPartition: 0\tLeader: 1\tReplicas: 1,2,3\tIsr: 1,2,3…`
pub(crate) fn of_kafka(text: &str) -> BTreeSet<Partition> {
    let partition = |line: &str| {
        let field = |name: &str| {
            let mut fields = line.split('\t').map(str::trim);
            fields.find_map(|field| field.strip_prefix(name)?.strip_prefix(": ")).map(str::to_owned)
        };
        Some([field("Topic")?, field("Partition")?, field("Leader")?, field("Replicas")?, field("Isr")?])
    };
    text.lines().filter_map(partition).collect()
}

/// Both were asked the same, so both must have said the same.
pub(crate) fn same(krun: &[u8], apache: &[u8]) -> Result<(), String> {
    let (krun, apache) = (String::from_utf8_lossy(krun), String::from_utf8_lossy(apache));
    let (krun, apache) = (of_krun(&krun), of_kafka(&apache));
    match krun.symmetric_difference(&apache).next() {
        None => Ok(()),
        Some(partition) => Err(format!("the two do not say the same of {partition:?}")),
    }
}
