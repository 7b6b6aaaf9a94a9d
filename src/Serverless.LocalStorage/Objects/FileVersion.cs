using System.Globalization;
using Microsoft.Win32.SafeHandles;
using Serverless.Registry.Storage;

namespace Serverless.LocalStorage.Objects;

/// <summary>What tells one version of an object from another: when it was written, and its size. A version that replaces another is made later than that, if need be by its date alone.</summary>
internal static class FileVersion
{
    /// <summary>Looks a file up.</summary>
    /// <returns>What is known of it; null when it is not there.</returns>
    public static StoredObject? Find(string name, FileInfo file)
    {
        try
        {
            file.Refresh();
            if (!file.Exists) return null;
            var written = file.LastWriteTimeUtc;
            return new StoredObject(name, file.Length, string.Create(CultureInfo.InvariantCulture, $"\"{written.Ticks:x}-{file.Length:x}\""), new DateTimeOffset(written, TimeSpan.Zero));
        }
        catch (FileNotFoundException)
        {
            return null;
        }
    }

    /// <summary>Dates a file that is about to become an object.</summary>
    /// <param name="file">The file, open for writing.</param>
    /// <param name="time">The clock.</param>
    /// <param name="replaced">What it replaces; null: nothing.</param>
    public static void Date(SafeFileHandle file, TimeProvider time, StoredObject? replaced)
    {
        var now = time.GetUtcNow();
        File.SetLastWriteTimeUtc(file, (replaced is not null && now <= replaced.LastModified ? replaced.LastModified.AddTicks(1) : now).UtcDateTime);
    }
}
