"""Symmetric matrices as their upper triangle, row by row."""


def place(i, j, n):
    """Place of row i, column j >= i of an n by n matrix in its packed triangle."""
    return i * n - i * (i + 1) // 2 + j


def is_positive(triangle, n):
    """Whether the matrix has a Cholesky factor."""
    rows = [[0.0] * n for _ in range(n)]
    for i in range(n):
        for j in range(i + 1):
            value = triangle[place(j, i, n)]
            for k in range(j):
                value -= rows[i][k] * rows[j][k]
            if i != j:
                rows[i][j] = value / rows[j][j]
            elif value > 0.0:
                rows[i][i] = value**0.5
            else:
                return False
    return True
