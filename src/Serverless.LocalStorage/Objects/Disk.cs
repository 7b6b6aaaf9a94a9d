using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Serverless.LocalStorage.Objects;

/// <summary>What files and folders need to be there after the machine has lost its power: the bytes of a file, and the name by which its folder knows it.</summary>
internal static partial class Disk
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    // "errno.h", the same on Linux and macOS.
    private const int Exists = 17;

    /// <summary>Makes a folder, and those above it, for their owner alone. They survive.</summary>
    public static void CreateFolder(string path)
    {
        if (Directory.Exists(path)) return;
        var parent = Path.GetDirectoryName(path);
        if (parent is not null) CreateFolder(parent);
        MakeFolder(path);
        if (parent is not null) SyncFolder(parent);
    }

    /// <summary>Makes a folder, for its owner alone, unless it is there. It survives when the one above it has been synced.</summary>
    public static void MakeFolder(string path)
    {
        if (OperatingSystem.IsWindows()) Directory.CreateDirectory(path);
        else Directory.CreateDirectory(path, OwnerOnly);
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

    /// <summary>Gives a file a name that nothing has yet, in one step: of two who want the same name one gets it. The old name may stay.</summary>
    /// <returns>Whether it got the name; not when something has it.</returns>
    public static bool TryName(string file, string name)
    {
        // Unlike link(2), the framework's move looks first and renames then, and whatever got the name in between is lost.
        if (!OperatingSystem.IsWindows())
        {
            if (Link(file, name) == 0) return true;
            if (Marshal.GetLastPInvokeError() == Exists) return false;
            // There are file systems without links. For any other reason the move fails too, and says why.
        }

        try
        {
            File.Move(file, name, overwrite: false);
            return true;
        }
        catch (IOException) when (File.Exists(name))
        {
            return false;
        }
    }

    // .NET has no call for it. Zero: to be read.
    [LibraryImport("libc", EntryPoint = "open", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial SafeFileHandle OpenFolder(string path, int flags);

    [LibraryImport("libc", EntryPoint = "link", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Link(string file, string name);
}
