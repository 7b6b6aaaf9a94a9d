namespace Serverless.Cli;

/// <summary>How a command ended, for scripts.</summary>
internal static class ExitCode
{
    /// <summary>It was done.</summary>
    public const int Done = 0;

    /// <summary>It was refused, there is no such thing, or storage did not answer.</summary>
    public const int Refused = 1;

    /// <summary>The command line or the settings cannot be worked with.</summary>
    public const int Usage = 2;

    /// <summary>Somebody stopped it; as shells count it, 128 and the number of the signal.</summary>
    public const int Interrupted = 130;
}
