using System.ComponentModel;
using System.Diagnostics;
using Serverless.AzureStorage.Development;

namespace Serverless.Testing.Skipping;

/// <summary>Finds out, once in a process, whether an Azurite can be started here.</summary>
internal static class AzuriteSearch
{
    private static readonly Lazy<Task<string?>> s_obstacle = new(FindObstacleAsync);

    /// <summary>Why there is none; null: there is one, or it is for the tests to fail.</summary>
    public static Task<string?> ObstacleAsync() => Environment.GetEnvironmentVariable("CI") == "true" ? Task.FromResult<string?>(null) : s_obstacle.Value;

    private static async Task<string?> FindObstacleAsync()
    {
        var npx = OperatingSystem.IsWindows() ? "npx.cmd" : "npx";
        // It downloads Azurite where it is not there yet.
        var start = new ProcessStartInfo(npx, ["--yes", "azurite@" + AzuriteProcess.Version, "--version"]) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        try
        {
            using var process = Process.Start(start)!;
            process.StandardInput.Close();
            var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
            await process.WaitForExitAsync();
            return process.ExitCode == 0 ? null : $"It needs Azurite, which npx could not start: {(await error + await output).Trim()}";
        }
        catch (Win32Exception)
        {
            return "It needs Azurite, and with it Node.js: there is no npx.";
        }
    }
}
