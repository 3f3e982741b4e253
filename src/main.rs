//! The command `krun`.

fn main() -> std::process::ExitCode {
    krun::cli::main()
}
