using Microsoft.Data.Sqlite;
using Serverless.Registry.Storage;
using Serverless.Testing;
using Xunit;

namespace Serverless.LocalStorage.Tests;

/// <summary>Databases that are not as they should be: refused when they are opened, or a failure of storage later, and never changed or made anew.</summary>
public sealed class DatabaseTests : IDisposable
{
    private const string Table = "table";

    private readonly LocalFolder _folder = new();

    private string File => Path.Combine(_folder.Path, "registry.db");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void One_of_a_newer_format_is_refused()
    {
        CloseAll();
        Change("PRAGMA user_version = 99");
        Assert.Contains("has the format 99, and this release knows 1: a newer release is needed", Refused(), StringComparison.Ordinal);
        Change("PRAGMA user_version = 1");
        using var stores = _folder.Open();
    }

    [Fact]
    public void One_of_another_program_is_refused_and_left_as_it_is()
    {
        CloseAll();
        DeleteDatabase();
        Change("CREATE TABLE notes (text); INSERT INTO notes VALUES ('mine')");
        var before = System.IO.File.ReadAllBytes(File);
        Assert.Contains("is a SQLite database, but not of a registry", Refused(), StringComparison.Ordinal);
        Assert.Equal(before, System.IO.File.ReadAllBytes(File));
    }

    [Theory]
    [InlineData("These are my notes, and they are in nobody's way.")]
    [InlineData("x")]
    public void A_file_that_is_no_database_is_refused_and_left_as_it_is(string text)
    {
        CloseAll();
        DeleteDatabase();
        // SQLite reads pages.
        text = text.PadRight(5000, '.');
        System.IO.File.WriteAllText(File, text);
        Assert.Contains("the database is damaged", Refused(), StringComparison.Ordinal);
        Assert.Equal(text, System.IO.File.ReadAllText(File));
    }

    [Fact]
    public async Task One_whose_beginning_was_overwritten_is_refused_and_the_way_back_is_told()
    {
        await FillAsync();
        CloseAll();
        Overwrite(0, 100);
        var message = Refused();
        Assert.Contains(File, message, StringComparison.Ordinal);
        Assert.Contains("the database is damaged. Stop the registry, keep the folder, and restore a backup.", message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task One_that_was_overwritten_in_the_middle_is_a_failure_of_storage_and_never_a_wrong_answer()
    {
        await FillAsync();
        CloseAll();
        var pages = new FileInfo(File).Length / 4096;
        for (var page = pages / 4; page < pages; page++) Overwrite(page * 4096, 4096);
        using var stores = _folder.Open();
        var failures = 0;
        for (var i = 0; i < 500; i++)
        {
            try
            {
                Assert.Equal(i, (int)(await stores.Tables.FindAsync(Table, new("p", $"{i:d4}"), default))!.Properties["n"]);
            }
            catch (StorageUnavailableException e)
            {
                Assert.Contains("the database is damaged", e.Message, StringComparison.Ordinal);
                failures++;
            }
        }

        Assert.InRange(failures, 100, 500);
        var write = await Assert.ThrowsAsync<StorageUnavailableException>(() => WriteAllAsync(stores.Tables));
        Assert.Contains("the database is damaged", write.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task One_that_is_missing_or_empty_beside_objects_is_not_made_anew(bool missing)
    {
        await _folder.Stores.Objects.PutAsync("data/a", default, default);
        CloseAll();
        DeleteDatabase();
        if (!missing) System.IO.File.WriteAllBytes(File, []);
        Assert.Contains("is missing or empty, though objects are beside it", Refused(), StringComparison.Ordinal);
        Directory.Delete(Path.Combine(_folder.Path, "objects"), recursive: true);
        using var stores = _folder.Open();
        Assert.Null(await stores.Tables.FindAsync(Table, new("p", "0001"), default));
    }

    [Fact]
    public async Task A_row_that_cannot_be_read_is_nobody_elses_failure()
    {
        await FillAsync();
        CloseAll();
        Change("UPDATE rows SET properties = x'ff' WHERE row = '0007'");
        using var stores = _folder.Open();
        Task<WriteResult>[] writes = [.. Enumerable.Range(0, 20).Select(i => stores.Tables.WriteAsync(Table, new RowWrite.Merge(new("p", $"{i:d4}"), Number(100 + i), "*"), default))];
        for (var i = 0; i < writes.Length; i++)
        {
            if (i == 7) await Assert.ThrowsAsync<InvalidDataException>(() => writes[7]);
            else Assert.True((await writes[i]).Done);
        }

        await Assert.ThrowsAsync<InvalidDataException>(() => stores.Tables.FindAsync(Table, new("p", "0007"), default));
        Assert.Equal(108, (int)(await stores.Tables.FindAsync(Table, new("p", "0008"), default))!.Properties["n"]);
        // It can still be replaced.
        Assert.True((await stores.Tables.WriteAsync(Table, new RowWrite.Upsert(new("p", "0007"), Number(7)), default)).Done);
    }

    [Fact]
    public async Task One_that_another_program_keeps_locked_is_a_failure_that_passes()
    {
        using (var other = new SqliteConnection($"Data Source={File};Pooling=False"))
        {
            other.Open();
            Run(other, "BEGIN IMMEDIATE");
            var write = _folder.Stores.Tables.WriteAsync(Table, RowWrite.Note(new("p", "r")), default);
            // Nobody who reads waits for a writer.
            Assert.Null(await _folder.Stores.Tables.FindAsync(Table, new("p", "r"), default));
            Assert.False(write.IsCompleted);
            Run(other, "ROLLBACK");
            Assert.True((await write).Done);
        }

        Assert.NotNull(await _folder.Stores.Tables.FindAsync(Table, new("p", "r"), default));
    }

    private static void Run(SqliteConnection connection, string statements)
    {
        using var command = connection.CreateCommand();
#pragma warning disable CA2100 // The statements are those of this file.
        command.CommandText = statements;
#pragma warning restore CA2100
        command.ExecuteNonQuery();
    }

    private static Dictionary<string, object> Number(int number) => new() { ["n"] = number };

    private static async Task WriteAllAsync(ITableStore tables)
    {
        for (var i = 0; i < 500; i++) await tables.WriteAsync(Table, new RowWrite.Upsert(new("p", $"{i:d4}"), Number(i)), default);
    }

    private async Task FillAsync()
    {
        for (var i = 0; i < 500; i += 100)
        {
            var first = i;
            await _folder.Stores.Tables.WriteAsync(Table, [.. Enumerable.Range(first, 100).Select(n => new RowWrite.Insert(new("p", $"{n:d4}"), Number(n)))], default);
        }
    }

    // The last to close it moves everything from the log to the file.
    private void CloseAll() => _folder.Stores.Dispose();

    private void DeleteDatabase()
    {
        foreach (var file in Directory.GetFiles(_folder.Path, "registry.db*")) System.IO.File.Delete(file);
    }

    private void Change(string statements)
    {
        using var connection = new SqliteConnection($"Data Source={File};Pooling=False");
        connection.Open();
        Run(connection, statements);
    }

    private void Overwrite(long offset, int count)
    {
        using var file = System.IO.File.OpenHandle(File, FileMode.Open, FileAccess.Write);
        RandomAccess.Write(file, new SeededGenerator(1).Bytes(count), offset);
    }

    private string Refused() => Assert.Throws<LocalStorageException>(() => LocalStores.Open(_folder.Path, TimeProvider.System).Dispose()).Message;
}
