using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Serverless.LocalStorage.Objects;

/// <summary>What files and folders need to be there after the machine has lost its power: the bytes of a file, and the name by which its folder knows it.</summary>
internal static partial class Disk
{
    /// <summary>Makes a folder, and those above it, for their owner alone. They survive.</summary>
    public static void CreateFolder(string path)
    {
        if (Directory.Exists(path)) return;
        var parent = Path.GetDirectoryName(path);
        if (parent is not null) CreateFolder(parent);
        if (OperatingSystem.IsWindows()) Directory.CreateDirectory(path);
        else Directory.CreateDirectory(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        if (parent is not null) SyncFolder(parent);
    }

    /// <summary>Makes the names in a folder survive: those that came and those that are gone.</summary>
    public static void SyncFolder(string path)
    {
        // Windows keeps names by a journal of its own, and opens no folder as a file.
        if (OperatingSystem.IsWindows()) return;
        using var folder = OpenFolder(path, 0);
        if (folder.IsInvalid) throw new IOException($"The folder {path} cannot be opened: {Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError())}");
        RandomAccess.FlushToDisk(folder);
    }

    // .NET has no call for it. Zero: to be read.
    [LibraryImport("libc", EntryPoint = "open", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial SafeFileHandle OpenFolder(string path, int flags);
}
