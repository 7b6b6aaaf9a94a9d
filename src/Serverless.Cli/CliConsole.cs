namespace Serverless.Cli;

/// <summary>Where a command reads and writes: data to <see cref="Out"/>, everything that is said about it to <see cref="Error"/>.</summary>
/// <param name="In">Standard input.</param>
/// <param name="Out">Standard output.</param>
/// <param name="Error">Standard error.</param>
/// <param name="InIsTerminal">Whether somebody types the input.</param>
/// <param name="OutIsTerminal">Whether somebody reads the output.</param>
/// <param name="ReadKey">The next key that is typed, which is not shown.</param>
internal sealed record CliConsole(TextReader In, TextWriter Out, TextWriter Error, bool InIsTerminal, bool OutIsTerminal, Func<ConsoleKeyInfo> ReadKey)
{
    /// <summary>Whether somebody reads what is said.</summary>
    public bool ErrorIsTerminal { get; init; }

    /// <summary>Standard input as bytes.</summary>
    public Func<Stream> OpenIn { get; init; } = Console.OpenStandardInput;

    /// <summary>That of this process.</summary>
    public static CliConsole OfProcess() =>
        new(Console.In, Console.Out, Console.Error, !Console.IsInputRedirected, !Console.IsOutputRedirected, static () => Console.ReadKey(intercept: true)) { ErrorIsTerminal = !Console.IsErrorRedirected };

    public Task SayAsync(string message) => Error.WriteLineAsync(message);

    public Task WarnAsync(string message) => Error.WriteLineAsync("Warning: " + message);
}
