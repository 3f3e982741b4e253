//! Frames: a length of four bytes, then as many bytes.

use bytes::{Bytes, BytesMut};
use std::io::{Error, ErrorKind, Result};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

/// Kafka takes 100 MiB (`socket.request.max.bytes`); a sandbox is content with less, as what a request decodes to is
/// many times its size.
const LONGEST: usize = 16 * 1024 * 1024;
/// Api key, version and correlation id.
const SHORTEST: usize = 8;
/// Memory grows with what has come, never with what a length promises.
const CHUNK: usize = 64 * 1024;

/// The next frame; none where the other side has closed between two.
pub(super) async fn read(stream: &mut (impl AsyncReadExt + Unpin)) -> Result<Option<Bytes>> {
    let mut head = [0; 4];
    let first = stream.read(&mut head).await?;
    if first == 0 {
        return Ok(None);
    }
    stream.read_exact(head.get_mut(first..).unwrap_or_default()).await?;
    let length = usize::try_from(i32::from_be_bytes(head)).unwrap_or(0);
    if !(SHORTEST..=LONGEST).contains(&length) {
        let text = format!("a frame of {} bytes, not between {SHORTEST} and {LONGEST}", i32::from_be_bytes(head));
        return Err(Error::new(ErrorKind::InvalidData, text));
    }
    let mut frame = BytesMut::new();
    while frame.len() < length {
        let start = frame.len();
        frame.resize(length.min(start + CHUNK), 0);
        stream.read_exact(frame.get_mut(start..).unwrap_or_default()).await?;
    }
    Ok(Some(frame.freeze()))
}

pub(super) async fn write(stream: &mut (impl AsyncWriteExt + Unpin), frame: &[u8]) -> Result<()> {
    let length = i32::try_from(frame.len()).map_err(|_| Error::new(ErrorKind::InvalidData, "a reply of over 2 GiB"))?;
    stream.write_all(&length.to_be_bytes()).await?;
    stream.write_all(frame).await?;
    stream.flush().await
}
