namespace Serverless.Cli;

/// <summary>A command cannot be done, for a reason that is no bug: one line for the operator, and the exit code.</summary>
internal sealed class CliException(string message, int code = ExitCode.Refused) : Exception(message)
{
    public int Code { get; } = code;
}
