using System.ComponentModel;
using System.Diagnostics;
using Xunit;

namespace Serverless.LocalStorage.Tests;

/// <summary>A test that mounts file systems, which root may do on Linux, and not in every container. Elsewhere it is skipped.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class MountFactAttribute : FactAttribute
{
    private static readonly Lazy<string?> s_obstacle = new(FindObstacle);

    public MountFactAttribute() => Skip = s_obstacle.Value;

    /// <summary>Runs a program.</summary>
    /// <exception cref="InvalidOperationException">It failed.</exception>
    internal static void Run(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
        var said = process.StandardError.ReadToEnd();
        process.WaitForExit();
        if (process.ExitCode != 0) throw new InvalidOperationException($"{program} {string.Join(' ', arguments)} failed: {said}");
    }

    private static string? FindObstacle()
    {
        if (!OperatingSystem.IsLinux()) return "File systems are mounted on Linux only.";
        var path = Directory.CreateTempSubdirectory("registry-mount-").FullName;
        try
        {
            Run("mount", "-t", "tmpfs", "-o", "size=1m", "registry-test", path);
            Run("umount", path);
            return null;
        }
        catch (Exception e) when (e is InvalidOperationException or Win32Exception)
        {
            return $"No file system can be mounted: {e.Message}";
        }
        finally
        {
            Directory.Delete(path);
        }
    }
}
