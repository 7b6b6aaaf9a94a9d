using System.Diagnostics;

namespace Serverless.Cli.Tests;

/// <summary>The executable in a process of its own, as people start it.</summary>
internal static class ToolProcess
{
    /// <summary>Runs it to its end.</summary>
    /// <param name="folder">Its working directory; null: this process's.</param>
    /// <param name="environment">Settings, besides what this process has.</param>
    /// <param name="input">Its standard input.</param>
    /// <param name="args">Its command line.</param>
    public static async Task<CliRun> RunAsync(string? folder, (string Name, string Value)[] environment, string input, params string[] args)
    {
        var start = new ProcessStartInfo("dotnet", [typeof(CliApp).Assembly.Location, .. args])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = folder ?? "",
        };
        foreach (var (name, value) in environment) start.Environment[name] = value;
        using var process = Process.Start(start)!;
        await process.StandardInput.WriteAsync(input);
        process.StandardInput.Close();
        var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        return new CliRun(process.ExitCode, await output, await error);
    }
}
